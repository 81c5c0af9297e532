-- Machines that were started, by type, caller and region.
SELECT element_at(requestparameters, 'instanceType') AS type, awsregion, useridentity.arn AS who, count(*) AS requests,
       sum(TRY_CAST(json_extract_scalar(element_at(requestparameters, 'instancesSet'), '$.items[0].maxCount') AS integer)) AS machines
FROM main
WHERE eventsource = 'ec2.amazonaws.com' AND eventname = 'RunInstances' AND errorcode IS NULL
GROUP BY 1, 2, 3
ORDER BY machines DESC NULLS LAST
