// Takes the next id of the tag order-service from the service at the address given.

import goloves.v1.IdServiceGrpc;
import goloves.v1.NextIdRequest;
import io.grpc.Grpc;
import io.grpc.InsecureChannelCredentials;
import java.util.concurrent.TimeUnit;

class NextId {
  public static void main(String[] args) {
    var channel = Grpc.newChannelBuilder(args[0], InsecureChannelCredentials.create()).build();
    try {
      var ids = IdServiceGrpc.newBlockingStub(channel).withDeadlineAfter(5, TimeUnit.SECONDS);
      var request = NextIdRequest.newBuilder().setTag("order-service").build();
      System.out.println(ids.nextId(request).getId());
    } finally {
      channel.shutdownNow();
    }
  }
}
