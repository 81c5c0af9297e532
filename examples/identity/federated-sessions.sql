-- Sessions that began at an identity provider, by provider and role.
SELECT eventname, coalesce(useridentity.identityprovider, element_at(requestparameters, 'principalArn')) AS provider,
       element_at(requestparameters, 'roleArn') AS role, count(*) AS sessions, max(eventtime) AS latest
FROM main
WHERE eventname IN ('AssumeRoleWithSAML', 'AssumeRoleWithWebIdentity') AND errorcode IS NULL
GROUP BY 1, 2, 3
ORDER BY sessions DESC
