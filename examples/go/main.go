// Takes the next id of the tag order-service from the service at the address given.
package main

import (
	"context"
	"fmt"
	"log"
	"os"
	"time"

	golovesv1 "example/goloves/v1"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
)

func main() {
	channel, err := grpc.NewClient(os.Args[1], grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		log.Fatal(err)
	}
	defer channel.Close()
	ids := golovesv1.NewIdServiceClient(channel)

	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	reply, err := ids.NextId(ctx, &golovesv1.NextIdRequest{Tag: "order-service"})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(reply.Id)
}
