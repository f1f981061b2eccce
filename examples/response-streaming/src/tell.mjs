import { setTimeout } from "node:timers/promises";

export const handler = awslambda.streamifyResponse(async (event, stream, context) => {
  stream.setContentType("text/plain");
  stream.write(`Once there was a ${event.hero}.`);
  await setTimeout(20);
  if (event.hero === "silence") throw new Error("nothing to tell");
  stream.write(`\nThe ${event.hero} lived happily ever after.`);
  stream.end();
});
