-- Source addresses with several principals: Source addresses from which at least three principals call.
-- tags: T1078.004, compromised accounts, source addresses
SELECT sourceipaddress, count(DISTINCT useridentity.arn) AS principals, slice(array_sort(array_agg(DISTINCT useridentity.arn)), 1, 5) AS some, count(*) AS calls
FROM main
WHERE sourceipaddress NOT LIKE '%.amazonaws.com' AND useridentity.arn IS NOT NULL
GROUP BY 1
HAVING count(DISTINCT useridentity.arn) >= 3
ORDER BY principals DESC
