// Which of AWS's two runtime clients a function has: up to Node.js 22 one with callbacks (version 3 of
// aws-lambda-nodejs-runtime-interface-client), from Node.js 24 on one without (version 4). The function's runtime
// decides, whichever Node.js of this machine runs it.
const major = Number(/nodejs(\d+)/.exec(process.env.AWS_EXECUTION_ENV ?? "")?.[1] ?? 0);

export const BEFORE_24 = major < 24;
