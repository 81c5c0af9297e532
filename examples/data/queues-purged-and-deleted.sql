-- Queues purged and deleted: SQS queues that were purged or deleted, and SNS topics that were deleted.
-- tags: T1485, data destruction, message queues
SELECT eventtime, useridentity.arn AS by_whom, eventname, coalesce(element_at(requestparameters, 'queueUrl'), element_at(requestparameters, 'topicArn')) AS queue
FROM main
WHERE eventname IN ('PurgeQueue', 'DeleteQueue', 'DeleteTopic')
ORDER BY eventtime DESC
