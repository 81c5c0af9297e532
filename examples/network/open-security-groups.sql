-- Security groups that were opened to the whole Internet, and for which ports.
SELECT eventtime, useridentity.arn AS who, element_at(requestparameters, 'groupId') AS security_group,
       json_extract_scalar(p, '$.fromPort') AS from_port, json_extract_scalar(p, '$.toPort') AS to_port
FROM main
CROSS JOIN UNNEST(CAST(json_extract(element_at(requestparameters, 'ipPermissions'), '$.items') AS array(json))) AS t (p)
WHERE eventname = 'AuthorizeSecurityGroupIngress' AND errorcode IS NULL
  AND regexp_like(json_format(p), '"(0\.0\.0\.0/0|::/0)"')
ORDER BY eventtime DESC
