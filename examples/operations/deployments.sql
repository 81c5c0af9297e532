-- Stacks that were deployed, changed and taken down.
SELECT eventtime, useridentity.arn AS by_whom, eventname, element_at(requestparameters, 'stackName') AS stack
FROM main
WHERE eventsource = 'cloudformation.amazonaws.com' AND eventname IN ('CreateStack', 'UpdateStack', 'DeleteStack', 'ExecuteChangeSet')
ORDER BY eventtime DESC
