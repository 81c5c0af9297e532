// Walks through the pages of a running `auditlake serve` with the paginators of the AWS SDK for JavaScript and its usual
// retries. The environment names server and key. Prints one item a line, after the operation's name.
const cloudtrail = require("@aws-sdk/client-cloudtrail");

const client = new cloudtrail.CloudTrailClient({});

async function walk(operation, pageSize, input, items) {
  for await (const page of cloudtrail[`paginate${operation}`]({ client, pageSize }, input)) {
    for (const item of items(page)) console.log(operation, item);
  }
}

async function finish(QueryStatement) {
  const { QueryId } = await client.send(new cloudtrail.StartQueryCommand({ QueryStatement }));
  for (;;) {
    const { QueryStatus } = await client.send(new cloudtrail.DescribeQueryCommand({ QueryId }));
    if (QueryStatus === "FINISHED") return QueryId;
    if (!["QUEUED", "RUNNING"].includes(QueryStatus)) throw new Error(QueryStatus);
    await new Promise((done) => setTimeout(done, 50));
  }
}

(async () => {
  await walk("LookupEvents", 5, {}, (page) => page.Events.map((event) => event.EventId));
  await walk("ListImports", 1, {}, (page) => page.Imports.map((each) => each.ImportId));
  await walk("ListEventDataStores", 1, {}, (page) => page.EventDataStores.map((store) => store.Name));
  await finish("SELECT count(*) FROM main");
  await finish("SELECT min(eventTime) FROM main");
  const QueryId = await finish("SELECT eventID FROM main ORDER BY eventTime DESC");
  const rows = { QueryId, MaxQueryResults: 10 }; // the SDK passes no pageSize for this operation
  await walk("GetQueryResults", undefined, rows, (page) => page.QueryResultRows.map((row) => row[0].eventID));
  const EventDataStore = (await client.send(new cloudtrail.ListEventDataStoresCommand({}))).EventDataStores
    .find((store) => store.Name === "main").EventDataStoreArn;
  await walk("ListQueries", 1, { EventDataStore }, (page) => page.Queries.map((query) => query.QueryId));
})().catch((error) => {
  console.error(error);
  process.exitCode = 1;
});
