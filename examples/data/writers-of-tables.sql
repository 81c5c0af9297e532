-- Who writes to which table, and how often it fails; needs data events.
SELECT element_at(requestparameters, 'tableName') AS table_name, useridentity.arn AS who, count(*) AS writes, count_if(errorcode IS NOT NULL) AS failed
FROM main
WHERE eventcategory = 'Data' AND eventsource = 'dynamodb.amazonaws.com' AND NOT readonly
GROUP BY 1, 2
ORDER BY writes DESC
