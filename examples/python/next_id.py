"""Takes the next id of the tag order-service from the service at the address given."""

import sys

import grpc

from goloves.v1.id_service_pb2 import NextIdRequest
from goloves.v1.id_service_pb2_grpc import IdServiceStub

with grpc.insecure_channel(sys.argv[1]) as channel:
    ids = IdServiceStub(channel)
    print(ids.NextId(NextIdRequest(tag="order-service"), timeout=5).id)
