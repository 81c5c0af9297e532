-- Who read many different secrets or parameters in one hour.
SELECT date_trunc('hour', eventtime) AS hour, useridentity.arn AS who,
       count(DISTINCT coalesce(element_at(requestparameters, 'secretId'), element_at(requestparameters, 'name'))) AS secrets, count(*) AS reads
FROM main
WHERE eventname IN ('GetSecretValue', 'BatchGetSecretValue', 'GetParameter', 'GetParameters') AND errorcode IS NULL
GROUP BY 1, 2
HAVING count(DISTINCT coalesce(element_at(requestparameters, 'secretId'), element_at(requestparameters, 'name'))) >= 5
ORDER BY secrets DESC
