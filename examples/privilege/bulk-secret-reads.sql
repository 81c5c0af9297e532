-- Bulk secret reads: Principals that read five or more secrets or parameters in one hour.
-- tags: T1555.006, credential access, secrets
SELECT date_trunc('hour', eventtime) AS hour, useridentity.arn AS who,
       count(DISTINCT coalesce(element_at(requestparameters, 'secretId'), element_at(requestparameters, 'name'))) AS secrets, count(*) AS reads
FROM main
WHERE eventname IN ('GetSecretValue', 'BatchGetSecretValue', 'GetParameter', 'GetParameters') AND errorcode IS NULL
GROUP BY 1, 2
HAVING count(DISTINCT coalesce(element_at(requestparameters, 'secretId'), element_at(requestparameters, 'name'))) >= 5
ORDER BY secrets DESC
