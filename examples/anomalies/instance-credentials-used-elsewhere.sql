-- Instance credentials used elsewhere: EC2 instance credentials that were used from more than one source address.
-- tags: T1552.005, T1078.004, credential access, stolen credentials
SELECT useridentity.arn AS session, array_sort(array_agg(DISTINCT sourceipaddress)) AS used_from, count(*) AS calls
FROM main
WHERE useridentity.type = 'AssumedRole' AND regexp_like(useridentity.arn, '/i-[0-9a-f]+$') AND sourceipaddress NOT LIKE '%.amazonaws.com'
GROUP BY 1
HAVING count(DISTINCT sourceipaddress) > 1
ORDER BY calls DESC
