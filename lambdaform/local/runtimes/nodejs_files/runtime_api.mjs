// The calls of Lambda's Runtime API, and which event they are about (runtimes-api).
import http from "node:http";
import { errorJson } from "./errors.mjs";

const [host, port] = process.env.AWS_LAMBDA_RUNTIME_API.split(":");
const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
// For what cannot wait until the call before it is answered: a stream, and an error that ends the process.
const beside = new http.Agent({ keepAlive: true });

export const current = { requestId: undefined, tenantId: undefined };

function call(method, name, body, headers = {}, through = agent) {
  return new Promise((resolve, reject) => {
    const request = http.request(
      { host, port, agent: through, method, path: `/2018-06-01/runtime/${name}`, headers },
      (response) => {
        const chunks = [];
        response.on("data", (chunk) => chunks.push(chunk));
        response.on("end", () => resolve({ headers: response.headers, body: Buffer.concat(chunks) }));
      },
    );
    request.on("error", reject);
    request.end(body);
  });
}

// The next event, as text, and its headers.
export async function next() {
  const { headers, body } = await call("GET", "invocation/next");
  current.requestId = headers["lambda-runtime-aws-request-id"];
  current.tenantId = headers["lambda-runtime-aws-tenant-id"];
  const trace = headers["lambda-runtime-trace-id"];
  if (trace === undefined) delete process.env._X_AMZN_TRACE_ID;
  else process.env._X_AMZN_TRACE_ID = trace;
  return { event: body.toString(), headers };
}

export function respond(json) {
  return call("POST", `invocation/${current.requestId}/response`, json, { "Content-Type": "application/json" });
}

export function tellError(error) {
  return told(`invocation/${current.requestId}/error`, error, agent);
}

// The error of a process that is about to end: that of its event, or of its start where there was none.
export function tellLastError(error) {
  return told(current.requestId === undefined ? "init/error" : `invocation/${current.requestId}/error`, error, beside);
}

function told(name, error, through) {
  const shown = errorJson(error);
  // A name may have letters that no header has.
  const type = encodeURI(shown.errorType ?? "");
  const headers = { "Content-Type": "application/json", "Lambda-Runtime-Function-Error-Type": type };
  return call("POST", name, JSON.stringify(shown), headers, through);
}

// The request whose body is what a function streams.
export function startResponse() {
  return http.request({
    host,
    port,
    agent: beside,
    method: "POST",
    path: `/2018-06-01/runtime/invocation/${current.requestId}/response`,
    headers: {
      "Content-Type": "application/octet-stream",
      "Lambda-Runtime-Function-Response-Mode": "streaming",
      "Transfer-Encoding": "chunked",
      Trailer: "Lambda-Runtime-Function-Error-Type, Lambda-Runtime-Function-Error-Body",
    },
  });
}
