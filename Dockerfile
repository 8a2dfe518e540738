# docker build -t goloves .
# docker run -v goloves:/goloves/data -p 50051:50051 -p 8080:8080 goloves
# The volume keeps the embedded store: without it each container would hand out the same ids again.
FROM node:24.21.0-trixie-slim AS build
WORKDIR /goloves
COPY package.json package-lock.json .npmrc ./
# The image brings Node, so the ones from npm (optional) are left out; but the build tools' own
# native parts are optional too, which is why the first install takes everything.
RUN npm ci --loglevel=error
COPY tsconfig.json tsconfig.build.json ./
COPY cmd cmd
COPY internal internal
COPY pkg pkg
RUN node node_modules/typescript/bin/tsc -p tsconfig.build.json \
  && npm ci --omit=dev --omit=optional --loglevel=error

FROM node:24.21.0-trixie-slim
ENV NODE_ENV=production GOLOVES_GRPC_HOST=0.0.0.0 GOLOVES_HTTP_HOST=0.0.0.0
WORKDIR /goloves
COPY --from=build /goloves/node_modules node_modules
COPY --from=build /goloves/dist dist
COPY --from=build /goloves/cmd/idgen/*.sh cmd/idgen/
COPY package.json LICENSE ./
COPY api api
COPY configs configs
# Where the embedded store lies unless GOLOVES_STORE_URL names a MySQL.
RUN mkdir data && chown node:node data
# By number, so that Kubernetes can tell that it is not root: the image's user "node".
USER 1000:1000
VOLUME /goloves/data
EXPOSE 50051 8080
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=15s --timeout=10s --start-period=60s --start-interval=2s --retries=3 \
  CMD ["/goloves/cmd/idgen/idgen.sh", "health"]
ENTRYPOINT ["/goloves/cmd/idgen/idgen.sh"]
CMD ["serve"]
