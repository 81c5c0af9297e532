-- EC2 instances launched: EC2 instances that were launched, by type, Region and principal.
-- tags: T1578.002, T1496.001, resource hijacking, cryptomining
SELECT element_at(requestparameters, 'instanceType') AS type, awsregion, useridentity.arn AS who, count(*) AS requests,
       sum(TRY_CAST(json_extract_scalar(element_at(requestparameters, 'instancesSet'), '$.items[0].maxCount') AS integer)) AS machines
FROM main
WHERE eventsource = 'ec2.amazonaws.com' AND eventname = 'RunInstances' AND errorcode IS NULL
GROUP BY 1, 2, 3
ORDER BY machines DESC NULLS LAST
