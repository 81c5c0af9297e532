-- CloudFormation deployments: CloudFormation stacks that were created, updated or deleted.
-- tags: infrastructure as code, deployments
SELECT eventtime, useridentity.arn AS by_whom, eventname, element_at(requestparameters, 'stackName') AS stack
FROM main
WHERE eventsource = 'cloudformation.amazonaws.com' AND eventname IN ('CreateStack', 'UpdateStack', 'DeleteStack', 'ExecuteChangeSet')
ORDER BY eventtime DESC
