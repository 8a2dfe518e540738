#!/bin/sh
# Takes the next id of the tag order-service from the service at the address given.
curl --fail-with-body --silent --show-error --max-time 6 --header 'Request-Timeout-Ms: 5000' \
  --request POST "http://$1/v1/tags/order-service:nextId"
