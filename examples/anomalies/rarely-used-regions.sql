-- Rarely used Regions: Events in Regions that have at most five events.
-- tags: T1535, defense evasion, unused regions
SELECT awsregion, eventname, useridentity.arn AS who, eventtime
FROM (
  SELECT awsregion, eventname, useridentity, eventtime, count(*) OVER (PARTITION BY awsregion) AS in_region
  FROM main)
WHERE in_region <= 5
ORDER BY in_region, eventtime
