-- History of one resource: Every event that mentions one resource. Replace i-0planted with its id.
-- tags: investigation, resource timeline
SELECT eventtime, useridentity.arn AS who, eventname, errorcode
FROM main
WHERE eventjson LIKE '%i-0planted%'
ORDER BY eventtime
