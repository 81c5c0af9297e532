-- EC2 tag changes: Tags that were added to EC2 resources or removed from them.
-- tags: tagging, change management
SELECT eventtime, useridentity.arn AS by_whom, eventname, json_query(element_at(requestparameters, 'resourcesSet'), 'lax $.items[*].resourceId' WITH ARRAY WRAPPER) AS of_what, json_extract(element_at(requestparameters, 'tagSet'), '$.items') AS labels
FROM main
WHERE eventsource = 'ec2.amazonaws.com' AND eventname IN ('CreateTags', 'DeleteTags')
ORDER BY eventtime DESC
