// Asks a running `auditlake serve` with the AWS SDK for JavaScript, whose module NODE_PATH has. Server and key are those of the
// environment: node aws_client.cjs
const assert = require("node:assert/strict");
const {
  CancelQueryCommand, CloudTrailClient, DescribeQueryCommand, InactiveQueryException, ListEventDataStoresCommand, paginateGetQueryResults,
  paginateListEventDataStores, paginateListQueries, paginateListTags, QueryIdNotFoundException, StartQueryCommand,
} = require("@aws-sdk/client-cloudtrail");

const client = new CloudTrailClient({ maxAttempts: 1 });
const pause = (milliseconds) => new Promise((done) => setTimeout(done, milliseconds));

async function storeNamed(name) {
  for await (const page of paginateListEventDataStores({ client, pageSize: 1 }, {})) {
    for (const store of page.EventDataStores) {
      if (store.Name === name) return store.EventDataStoreArn;
    }
  }
  throw new Error(`no store ${name}`);
}

async function finish(sql, more = {}) {
  const { QueryId } = await client.send(new StartQueryCommand({ QueryStatement: sql, ...more }));
  for (;;) {
    const described = await client.send(new DescribeQueryCommand({ QueryId }));
    if (!["QUEUED", "RUNNING"].includes(described.QueryStatus)) {
      assert.equal(described.QueryStatus, "FINISHED", described.ErrorMessage);
      assert.ok(described.QueryStatistics.CreationTime instanceof Date);
      return QueryId;
    }
    await pause(50);
  }
}

async function checkQueries() {
  const arn = await storeNamed("main");
  const store = arn.split("/").pop();
  const id = await finish(`SELECT eventID, eventTime, userIdentity.principalId FROM ${store} ORDER BY eventTime, eventID LIMIT 25`);
  const sizes = [], seen = new Set();
  for await (const page of paginateGetQueryResults({ client }, { QueryId: id, MaxQueryResults: 10 })) {
    sizes.push(page.QueryResultRows.length);
    for (const row of page.QueryResultRows) {
      assert.deepEqual(row.flatMap(Object.keys), ["eventID", "eventTime", "principalId"]);
      seen.add(row[0].eventID);
    }
    assert.equal(page.QueryStatistics.TotalResultsCount, 25);
  }
  assert.deepEqual(sizes, [10, 10, 5]);
  assert.equal(seen.size, 25);

  const second = await finish("SELECT '?' AS a, ? AS b, ? AS c", { QueryParameters: ["it's", "7", "zwölf"] });
  for await (const page of paginateGetQueryResults({ client }, { QueryId: second })) {
    assert.deepEqual(page.QueryResultRows, [[{ a: "it's" }, { b: "7" }, { c: "zwölf" }]]);
  }
  await finish(`SELECT count(*) FROM ${store}`);
  const listed = [];
  for await (const page of paginateListQueries({ client, pageSize: 1 }, { EventDataStore: arn, QueryStatus: "FINISHED" })) {
    listed.push(...page.Queries.map((query) => query.QueryId));
  }
  assert.equal(listed.length, 2);
  assert.equal(listed[1], id);
  for await (const page of paginateListTags({ client }, { ResourceIdList: [arn] })) {
    assert.deepEqual(page.ResourceTagList, [{ ResourceId: arn, TagsList: [] }]);
  }
}

async function checkErrors() {
  const { QueryId } = await client.send(new StartQueryCommand({
    QueryStatement: "SELECT count(*) FROM unnest(sequence(1, 10000)) AS a(x), unnest(sequence(1, 10000)) AS b(y), unnest(sequence(1, 10000)) AS c(z) WHERE x * y + z = -1",
  }));
  await client.send(new CancelQueryCommand({ QueryId }));
  while ((await client.send(new DescribeQueryCommand({ QueryId }))).QueryStatus !== "CANCELLED") await pause(50);
  await assert.rejects(client.send(new CancelQueryCommand({ QueryId })), InactiveQueryException);
  const absent = { QueryId: "00000000-0000-0000-0000-000000000000" };
  await assert.rejects(client.send(new DescribeQueryCommand(absent)), (error) => error instanceof QueryIdNotFoundException && error.$metadata.httpStatusCode === 404);
  const stranger = new CloudTrailClient({ maxAttempts: 1, credentials: { accessKeyId: "AKIANOBODY", secretAccessKey: "x" } });
  await assert.rejects(stranger.send(new ListEventDataStoresCommand({})), { name: "UnrecognizedClientException" });
}

// checkSessionLogs asks as a portal for temporary access does for what somebody did in a session: by the bare id of the store, with names of columns
// in mixed case and ISO times against eventTime; it asks for the state without a pause, and reads the rows with the store's id beside the query's.
async function checkSessionLogs() {
  const EventDataStore = (await storeNamed("sessions")).split("/").pop();
  const session = { username: "jane", role: "AWSReservedSSO_Operator", accountId: "111122223333", startTime: "2026-11-20T10:00:00.000Z", endTime: "2026-11-20T11:00:00.000Z" };
  const { QueryId } = await client.send(new StartQueryCommand({
    QueryStatement: `SELECT eventID, eventName, eventSource, eventTime FROM ${EventDataStore} WHERE eventTime > '${session.startTime}' AND eventTime < '${session.endTime}'` +
      ` AND lower(useridentity.principalId) LIKE '%:${session.username}%' AND useridentity.sessionContext.sessionIssuer.arn LIKE '%${session.role}%'` +
      ` AND recipientAccountId='${session.accountId}'`,
  }));
  for (let status = "QUEUED"; status !== "FINISHED";) {
    assert.ok(["QUEUED", "RUNNING"].includes(status), status);
    status = (await client.send(new DescribeQueryCommand({ EventDataStore, QueryId }))).QueryStatus;
  }
  const rows = [];
  for await (const page of paginateGetQueryResults({ client }, { EventDataStore, QueryId })) {
    for (const row of page.QueryResultRows) rows.push(Object.assign({}, ...row));
  }
  rows.sort((a, b) => (a.eventID < b.eventID ? -1 : 1));
  assert.deepEqual(rows, [
    { eventID: "inside-1", eventName: "StopInstances", eventSource: "ec2.amazonaws.com", eventTime: "2026-11-20 10:00:01.000" },
    { eventID: "inside-2", eventName: "StopInstances", eventSource: "ec2.amazonaws.com", eventTime: "2026-11-20 10:59:59.000" },
  ]);
}

(async () => {
  for (const check of [checkQueries, checkErrors, checkSessionLogs]) {
    await check();
    console.log("ok", check.name);
  }
})().catch((error) => {
  console.error(error);
  process.exitCode = 1;
});
