-- Queues that were emptied, and queues and topics that are gone.
SELECT eventtime, useridentity.arn AS by_whom, eventname, coalesce(element_at(requestparameters, 'queueUrl'), element_at(requestparameters, 'topicArn')) AS queue
FROM main
WHERE eventname IN ('PurgeQueue', 'DeleteQueue', 'DeleteTopic')
ORDER BY eventtime DESC
