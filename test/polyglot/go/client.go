// A client of nothing but generated stubs. It prints a line for each check: its name, and what came of it. Whether
// that is right is for clients.test.ts to say.
//
//	client ADDRESS TAG LOCKED-TAG SNOWFLAKE-ID
package main

import (
	"context"
	"fmt"
	"io"
	"log"
	"os"
	"strconv"
	"strings"
	"time"

	golovesv1 "example/goloves/v1"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/status"
)

const (
	limit    = 30 * time.Second
	patience = 500 * time.Millisecond
	unknown  = "unknown"
)

func main() {
	address, tag, lockedTag, snowflakeID := os.Args[1], os.Args[2], os.Args[3], os.Args[4]
	channel := must(grpc.NewClient(address, grpc.WithTransportCredentials(insecure.NewCredentials())))
	defer channel.Close()
	ids := golovesv1.NewIdServiceClient(channel)
	ctx, cancel := context.WithTimeout(context.Background(), limit)
	defer cancel()

	fmt.Println("NextIds", nextIds(ctx, ids, tag))
	fmt.Println("NextId", nextId(ctx, ids, tag))
	fmt.Println("StreamIds", streamIds(ctx, ids, tag))
	fmt.Println("UnknownTag", unknownTag(ctx, ids))
	fmt.Println("Deadline", deadline(ctx, ids, lockedTag))
	fmt.Println("DecodeId", decodeId(ctx, ids, snowflakeID))
}

func nextIds(ctx context.Context, ids golovesv1.IdServiceClient, tag string) string {
	var words []string
	for range 10 {
		reply := must(ids.NextIds(ctx, &golovesv1.NextIdsRequest{Tag: tag, Count: 10_000}))
		words = append(words, rangesOf(reply.Ranges)...)
	}
	return strings.Join(words, " ")
}

func nextId(ctx context.Context, ids golovesv1.IdServiceClient, tag string) string {
	var words []string
	for range 1_000 {
		reply := must(ids.NextId(ctx, &golovesv1.NextIdRequest{Tag: tag}))
		words = append(words, strconv.FormatInt(reply.Id, 10))
	}
	return strings.Join(words, " ")
}

// One question in the middle of the stream is refused; those after it are answered all the same.
func streamIds(ctx context.Context, ids golovesv1.IdServiceClient, tag string) string {
	stream := must(ids.StreamIds(ctx))
	for _, asked := range []string{tag, unknown, tag} {
		ensure(stream.Send(&golovesv1.StreamIdsRequest{Tag: asked, Count: 500}))
	}
	ensure(stream.CloseSend())
	var words []string
	for {
		answer, err := stream.Recv()
		if err == io.EOF {
			return strings.Join(words, " ")
		}
		ensure(err)
		switch outcome := answer.Outcome.(type) {
		case *golovesv1.StreamIdsResponse_Ranges:
			words = append(words, rangesOf(outcome.Ranges.Ranges)...)
		case *golovesv1.StreamIdsResponse_Error:
			words = append(words, outcome.Error.Code)
		}
	}
}

func unknownTag(ctx context.Context, ids golovesv1.IdServiceClient) string {
	_, err := ids.NextId(ctx, &golovesv1.NextIdRequest{Tag: unknown})
	refusal := status.Convert(err)
	for _, detail := range refusal.Details() {
		if info, is := detail.(*errdetails.ErrorInfo); is {
			return fmt.Sprint(int(refusal.Code()), " ", info.Reason, " ", info.Domain)
		}
	}
	log.Fatalf("an unknown tag was answered without an ErrorInfo: %v", err)
	return ""
}

// Nobody can lease ids of the locked tag, so the call lasts until its deadline.
func deadline(ctx context.Context, ids golovesv1.IdServiceClient, lockedTag string) string {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	began := time.Now()
	_, err := ids.NextId(ctx, &golovesv1.NextIdRequest{Tag: lockedTag})
	return fmt.Sprint(int(status.Code(err)), " ", time.Since(began).Milliseconds())
}

func decodeId(ctx context.Context, ids golovesv1.IdServiceClient, snowflakeID string) string {
	id := must(strconv.ParseInt(snowflakeID, 10, 64))
	parts := must(ids.DecodeId(ctx, &golovesv1.DecodeIdRequest{Tag: "snowflake", Id: id}))
	return fmt.Sprint(parts.TimeMs, " ", parts.Worker, " ", parts.Sequence)
}

func rangesOf(ranges []*golovesv1.IdRange) []string {
	var words []string
	for _, ids := range ranges {
		words = append(words, fmt.Sprintf("%d..%d/%d", ids.First, ids.Last, ids.Step))
	}
	return words
}

func must[Value any](value Value, err error) Value {
	ensure(err)
	return value
}

func ensure(err error) {
	if err != nil {
		log.Fatal(err)
	}
}
