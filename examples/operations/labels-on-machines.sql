-- Labels of resources that came and went.
SELECT eventtime, useridentity.arn AS by_whom, eventname, json_query(element_at(requestparameters, 'resourcesSet'), 'lax $.items[*].resourceId' WITH ARRAY WRAPPER) AS of_what, json_extract(element_at(requestparameters, 'tagSet'), '$.items') AS labels
FROM main
WHERE eventsource = 'ec2.amazonaws.com' AND eventname IN ('CreateTags', 'DeleteTags')
ORDER BY eventtime DESC
