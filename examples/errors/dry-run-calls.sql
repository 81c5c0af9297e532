-- Dry-run calls: EC2 calls that only tested permissions with the DryRun parameter.
-- tags: T1580, discovery, permission probing
SELECT useridentity.arn AS who, eventname, errorcode, count(*) AS times
FROM main
WHERE errorcode IN ('Client.DryRunOperation', 'DryRunOperation')
GROUP BY 1, 2, 3
ORDER BY times DESC
