-- Long-lived access keys that were made, by whom and for whom.
SELECT eventtime, useridentity.arn AS made_by, element_at(requestparameters, 'userName') AS made_for,
       json_extract_scalar(element_at(responseelements, 'accessKey'), '$.accessKeyId') AS key_id
FROM main
WHERE eventsource = 'iam.amazonaws.com' AND eventname = 'CreateAccessKey' AND errorcode IS NULL
ORDER BY eventtime DESC
