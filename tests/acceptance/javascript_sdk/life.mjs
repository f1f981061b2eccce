// A function's life through the AWS SDK for JavaScript: `node life.mjs SDK_FOLDER ENDPOINT RUNTIME CODE_1 CODE_2`.
// CODE_1 and CODE_2 are archives in Base64. What is not as it should be ends it with an error.

import assert from "node:assert/strict";
import { createRequire } from "node:module";
import { setTimeout } from "node:timers/promises";

const [sdkFolder, endpoint, Runtime, first, second] = process.argv.slice(2);
const sdk = createRequire(`${sdkFolder}/`)("@aws-sdk/client-lambda");
const client = new sdk.LambdaClient({
  endpoint,
  region: "us-east-1",
  credentials: { accessKeyId: "x", secretAccessKey: "y" },
  maxAttempts: 1,
});
const call = (name, input) => client.send(new sdk[`${name}Command`](input));
const FunctionName = "life-js";
const patience = { client, maxWaitTime: 30, minDelay: 1, maxDelay: 1 };

const invoked = async (event, Qualifier) => {
  const answer = await call("Invoke", { FunctionName, Qualifier, Payload: JSON.stringify(event) });
  assert.equal(answer.StatusCode, 200);
  assert.equal(answer.FunctionError, undefined);
  return [answer.ExecutedVersion, JSON.parse(Buffer.from(answer.Payload).toString())];
};

const made = await call("CreateFunction", {
  FunctionName,
  Runtime,
  Role: "arn:aws:iam::123456789012:role/life",
  Handler: "index.handler",
  Code: { ZipFile: Buffer.from(first, "base64") },
  Environment: { Variables: { GREETING: "hello" } },
  Tags: { team: "blue" },
});
assert.equal(made.State, "Pending");
await sdk.waitUntilFunctionActiveV2(patience, { FunctionName });
assert.deepEqual(await invoked({ name: "js" }), ["$LATEST", "hello js 1"]);

await call("UpdateFunctionConfiguration", { FunctionName, Environment: { Variables: { GREETING: "ciao" } } });
await sdk.waitUntilFunctionUpdatedV2(patience, { FunctionName });
assert.deepEqual(await invoked({ name: "js" }), ["$LATEST", "ciao js 1"]);

const published = await call("PublishVersion", { FunctionName });
assert.equal(published.Version, "1");
await sdk.waitUntilPublishedVersionActive(patience, { FunctionName, Qualifier: "1" });
await call("CreateAlias", { FunctionName, Name: "live", FunctionVersion: "1" });
await call("UpdateFunctionCode", { FunctionName, ZipFile: Buffer.from(second, "base64") });
await sdk.waitUntilFunctionUpdatedV2(patience, { FunctionName });
assert.deepEqual(await invoked({ name: "js" }), ["$LATEST", "ciao js 2"]);
assert.deepEqual(await invoked({ name: "js" }, "live"), ["1", "ciao js 1"]);

await call("AddPermission", {
  FunctionName,
  StatementId: "bucket",
  Action: "lambda:InvokeFunction",
  Principal: "s3.amazonaws.com",
  SourceArn: "arn:aws:s3:::photos",
});
const { Policy } = await call("GetPolicy", { FunctionName });
assert.deepEqual(JSON.parse(Policy).Statement.map((each) => each.Sid), ["bucket"]);
await call("RemovePermission", { FunctionName, StatementId: "bucket" });

const url = await call("CreateFunctionUrlConfig", { FunctionName, AuthType: "NONE", Cors: { AllowOrigins: ["*"] } });
assert.equal((await call("GetFunctionUrlConfig", { FunctionName })).FunctionUrl, url.FunctionUrl);
await call("PutFunctionEventInvokeConfig", { FunctionName, MaximumRetryAttempts: 0, MaximumEventAgeInSeconds: 60 });
await call("PutFunctionConcurrency", { FunctionName, ReservedConcurrentExecutions: 5 });
assert.equal((await call("GetFunctionConcurrency", { FunctionName })).ReservedConcurrentExecutions, 5);

const mapping = await call("CreateEventSourceMapping", {
  FunctionName,
  EventSourceArn: "arn:aws:sqs:us-east-1:123456789012:orders",
  BatchSize: 5,
});
assert.equal(mapping.BatchSize, 5);
const { EventSourceMappings } = await call("ListEventSourceMappings", { FunctionName });
assert.deepEqual(EventSourceMappings.map((each) => each.UUID), [mapping.UUID]);
for (let tries = 0; tries < 300; tries += 1) {
  if ((await call("GetEventSourceMapping", { UUID: mapping.UUID })).State === "Enabled") break;
  await setTimeout(100);
}
await call("DeleteEventSourceMapping", { UUID: mapping.UUID });

await call("TagResource", { Resource: made.FunctionArn, Tags: { stage: "prod" } });
await call("UntagResource", { Resource: made.FunctionArn, TagKeys: ["team"] });
assert.deepEqual((await call("ListTags", { Resource: made.FunctionArn })).Tags, { stage: "prod" });

const names = [];
for await (const page of sdk.paginateListFunctions({ client, pageSize: 1 }, {})) {
  names.push(...page.Functions.map((each) => each.FunctionName));
}
assert.ok(names.includes(FunctionName));
const { Aliases } = await call("ListAliases", { FunctionName });
assert.deepEqual(Aliases.map((each) => [each.Name, each.FunctionVersion]), [["live", "1"]]);

await assert.rejects(call("GetFunction", { FunctionName: "no!" }), { name: "ValidationException" });
await call("DeleteFunction", { FunctionName });
await assert.rejects(call("GetFunction", { FunctionName }), (error) => {
  assert.ok(error instanceof sdk.ResourceNotFoundException);
  assert.equal(error.$metadata.httpStatusCode, 404);
  return true;
});
console.log("done");
