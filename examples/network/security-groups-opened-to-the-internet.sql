-- Security groups opened to the internet: Security group rules that allow ingress from 0.0.0.0/0 or ::/0, with their ports.
-- tags: T1562.007, defense evasion, internet exposure
SELECT eventtime, useridentity.arn AS who, element_at(requestparameters, 'groupId') AS security_group,
       json_extract_scalar(p, '$.fromPort') AS from_port, json_extract_scalar(p, '$.toPort') AS to_port
FROM main
CROSS JOIN UNNEST(CAST(json_extract(element_at(requestparameters, 'ipPermissions'), '$.items') AS array(json))) AS t (p)
WHERE eventname = 'AuthorizeSecurityGroupIngress' AND errorcode IS NULL
  AND regexp_like(json_format(p), '"(0\.0\.0\.0/0|::/0)"')
ORDER BY eventtime DESC
