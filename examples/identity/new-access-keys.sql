-- New access keys: Long-term access keys that were created, by whom and for whom.
-- tags: T1098.001, persistence, access keys
SELECT eventtime, useridentity.arn AS made_by, element_at(requestparameters, 'userName') AS made_for,
       json_extract_scalar(element_at(responseelements, 'accessKey'), '$.accessKeyId') AS key_id
FROM main
WHERE eventsource = 'iam.amazonaws.com' AND eventname = 'CreateAccessKey' AND errorcode IS NULL
ORDER BY eventtime DESC
