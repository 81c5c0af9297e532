-- Parameter Store changes: Systems Manager parameters that were set or deleted.
-- tags: parameter store, configuration changes
SELECT eventtime, useridentity.arn AS by_whom, eventname, element_at(requestparameters, 'name') AS parameter, element_at(requestparameters, 'overwrite') AS overwritten
FROM main
WHERE eventsource = 'ssm.amazonaws.com' AND eventname IN ('PutParameter', 'DeleteParameter', 'DeleteParameters')
ORDER BY eventtime DESC
