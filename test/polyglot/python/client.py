"""A client of nothing but generated stubs. It prints a line for each check: its name, and what came of it.

Whether that is right is for clients.test.ts to say.

    client.py ADDRESS TAG LOCKED-TAG SNOWFLAKE-ID
"""

import sys
import time

import grpc
from google.rpc.error_details_pb2 import ErrorInfo
from grpc_status import rpc_status

from goloves.v1.id_service_pb2 import DecodeIdRequest, NextIdRequest, NextIdsRequest, StreamIdsRequest
from goloves.v1.id_service_pb2_grpc import IdServiceStub

LIMIT_S = 30
PATIENCE_S = 0.5
UNKNOWN = "unknown"


def main(address, tag, locked_tag, snowflake_id):
    with grpc.insecure_channel(address) as channel:
        ids = IdServiceStub(channel)
        print("NextIds", *next_ids(ids, tag))
        print("NextId", *next_id(ids, tag))
        print("StreamIds", *stream_ids(ids, tag))
        print("UnknownTag", *unknown_tag(ids))
        print("Deadline", *deadline(ids, locked_tag))
        print("DecodeId", *decode_id(ids, int(snowflake_id)))


def next_ids(ids, tag):
    for _ in range(10):
        yield from ranges_of(ids.NextIds(NextIdsRequest(tag=tag, count=10_000), timeout=LIMIT_S))


def next_id(ids, tag):
    for _ in range(1_000):
        yield ids.NextId(NextIdRequest(tag=tag), timeout=LIMIT_S).id


def stream_ids(ids, tag):
    """One question in the middle of the stream is refused; those after it are answered all the same."""
    questions = [StreamIdsRequest(tag=asked, count=500) for asked in (tag, UNKNOWN, tag)]
    for answer in ids.StreamIds(iter(questions), timeout=LIMIT_S):
        if answer.HasField("error"):
            yield answer.error.code
        else:
            yield from ranges_of(answer.ranges)


def unknown_tag(ids):
    refusal = failure_of(lambda: ids.NextId(NextIdRequest(tag=UNKNOWN), timeout=LIMIT_S))
    info = ErrorInfo()
    for detail in rpc_status.from_call(refusal).details:
        if detail.Unpack(info):
            return code_of(refusal), info.reason, info.domain
    raise AssertionError("An unknown tag was refused without an ErrorInfo.")


def deadline(ids, locked_tag):
    """Nobody can lease ids of the locked tag, so the call lasts until its deadline."""
    began = time.monotonic()
    refusal = failure_of(lambda: ids.NextId(NextIdRequest(tag=locked_tag), timeout=PATIENCE_S))
    return code_of(refusal), int((time.monotonic() - began) * 1000)


def decode_id(ids, snowflake_id):
    parts = ids.DecodeId(DecodeIdRequest(tag="snowflake", id=snowflake_id), timeout=LIMIT_S)
    return parts.time_ms, parts.worker, parts.sequence


def ranges_of(reply):
    return [f"{ids.first}..{ids.last}/{ids.step}" for ids in reply.ranges]


def failure_of(call):
    try:
        reply = call()
    except grpc.RpcError as error:
        return error
    raise AssertionError(f"The call did not fail: {reply}")


def code_of(error):
    return error.code().value[0]


if __name__ == "__main__":
    main(*sys.argv[1:])
