-- EBS volumes created: Number and size in GiB of the EBS volumes created, by principal and volume type.
-- tags: storage cost, ebs
SELECT useridentity.arn AS who, element_at(requestparameters, 'volumeType') AS kind, count(*) AS volumes, sum(TRY_CAST(element_at(requestparameters, 'size') AS bigint)) AS gibibytes
FROM main
WHERE eventsource = 'ec2.amazonaws.com' AND eventname = 'CreateVolume' AND errorcode IS NULL
GROUP BY 1, 2
ORDER BY gibibytes DESC NULLS LAST
