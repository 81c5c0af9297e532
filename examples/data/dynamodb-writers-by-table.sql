-- DynamoDB writers by table: Writes to each DynamoDB table, by principal, and how many failed; needs data events.
-- tags: data access, dynamodb
SELECT element_at(requestparameters, 'tableName') AS table_name, useridentity.arn AS who, count(*) AS writes, count_if(errorcode IS NOT NULL) AS failed
FROM main
WHERE eventcategory = 'Data' AND eventsource = 'dynamodb.amazonaws.com' AND NOT readonly
GROUP BY 1, 2
ORDER BY writes DESC
