// Opens Node's inspector and waits for a debugger to attach, then goes on as Lambda's Node.js does.
// It runs as `debug.mjs PORT`. Source: Node.js documentation, inspector.open.

import inspector from "node:inspector";

const [port] = process.argv.splice(2, 1);
const host = "127.0.0.1";
console.error(`A debugger is awaited on ${host}:${port}; the code is in ${process.env.LAMBDA_TASK_ROOT}.`);
inspector.open(Number(port), host, true);
await import("./index.mjs");
