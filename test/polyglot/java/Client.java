import com.google.rpc.ErrorInfo;
import goloves.v1.DecodeIdRequest;
import goloves.v1.IdRange;
import goloves.v1.IdServiceGrpc;
import goloves.v1.IdServiceGrpc.IdServiceBlockingV2Stub;
import goloves.v1.NextIdRequest;
import goloves.v1.NextIdsRequest;
import goloves.v1.StreamIdsRequest;
import io.grpc.Grpc;
import io.grpc.InsecureChannelCredentials;
import io.grpc.StatusException;
import io.grpc.protobuf.StatusProto;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * A client of nothing but generated stubs. It prints a line for each check: its name, and what came of it. Whether
 * that is right is for clients.test.ts to say.
 *
 * <pre>Client ADDRESS TAG LOCKED-TAG SNOWFLAKE-ID</pre>
 */
class Client {
  private static final int LIMIT_S = 30;
  private static final int PATIENCE_MS = 500;
  private static final String UNKNOWN = "unknown";

  private final IdServiceBlockingV2Stub ids;

  private Client(IdServiceBlockingV2Stub ids) {
    this.ids = ids;
  }

  public static void main(String[] args) throws Exception {
    var channel = Grpc.newChannelBuilder(args[0], InsecureChannelCredentials.create()).build();
    try {
      var ids = IdServiceGrpc.newBlockingV2Stub(channel).withDeadlineAfter(LIMIT_S, TimeUnit.SECONDS);
      var client = new Client(ids);
      report("NextIds", client.nextIds(args[1]));
      report("NextId", client.nextId(args[1]));
      report("StreamIds", client.streamIds(args[1]));
      report("UnknownTag", client.unknownTag());
      report("Deadline", client.deadline(args[2]));
      report("DecodeId", client.decodeId(Long.parseLong(args[3])));
    } finally {
      channel.shutdownNow();
    }
  }

  private static void report(String check, List<?> words) {
    System.out.println(check + " " + String.join(" ", words.stream().map(String::valueOf).toList()));
  }

  private List<?> nextIds(String tag) throws StatusException {
    var request = NextIdsRequest.newBuilder().setTag(tag).setCount(10_000).build();
    var words = new ArrayList<String>();
    for (int call = 0; call < 10; call++) {
      words.addAll(rangesOf(ids.nextIds(request).getRangesList()));
    }
    return words;
  }

  private List<?> nextId(String tag) throws StatusException {
    var request = NextIdRequest.newBuilder().setTag(tag).build();
    var words = new ArrayList<Long>();
    for (int call = 0; call < 1_000; call++) {
      words.add(ids.nextId(request).getId());
    }
    return words;
  }

  /** One question in the middle of the stream is refused; those after it are answered all the same. */
  private List<?> streamIds(String tag) throws Exception {
    var stream = ids.streamIds();
    for (var asked : List.of(tag, UNKNOWN, tag)) {
      stream.write(StreamIdsRequest.newBuilder().setTag(asked).setCount(500).build());
    }
    stream.halfClose();
    var words = new ArrayList<String>();
    for (var answer = stream.read(); answer != null; answer = stream.read()) {
      if (answer.hasError()) {
        words.add(answer.getError().getCode());
      } else {
        words.addAll(rangesOf(answer.getRanges().getRangesList()));
      }
    }
    return words;
  }

  private List<?> unknownTag() throws Exception {
    var refusal = failureOf(ids, UNKNOWN);
    for (var detail : StatusProto.fromThrowable(refusal).getDetailsList()) {
      if (detail.is(ErrorInfo.class)) {
        var info = detail.unpack(ErrorInfo.class);
        return List.of(codeOf(refusal), info.getReason(), info.getDomain());
      }
    }
    throw new AssertionError("An unknown tag was refused without an ErrorInfo.");
  }

  /** Nobody can lease ids of the locked tag, so the call lasts until its deadline. */
  private List<?> deadline(String lockedTag) {
    long began = System.nanoTime();
    var refusal = failureOf(ids.withDeadlineAfter(PATIENCE_MS, TimeUnit.MILLISECONDS), lockedTag);
    return List.of(codeOf(refusal), TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - began));
  }

  private List<?> decodeId(long snowflakeId) throws StatusException {
    var request = DecodeIdRequest.newBuilder().setTag("snowflake").setId(snowflakeId).build();
    var parts = ids.decodeId(request);
    return List.of(parts.getTimeMs(), parts.getWorker(), parts.getSequence());
  }

  private static List<String> rangesOf(List<IdRange> ranges) {
    return ranges.stream()
        .map(ids -> ids.getFirst() + ".." + ids.getLast() + "/" + ids.getStep())
        .toList();
  }

  private static StatusException failureOf(IdServiceBlockingV2Stub ids, String tag) {
    try {
      var reply = ids.nextId(NextIdRequest.newBuilder().setTag(tag).build());
      throw new AssertionError("The call did not fail: " + reply);
    } catch (StatusException failure) {
      return failure;
    }
  }

  private static int codeOf(StatusException failure) {
    return failure.getStatus().getCode().value();
  }
}
