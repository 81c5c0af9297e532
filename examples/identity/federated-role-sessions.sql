-- Federated role sessions: Role sessions that began at a SAML or OpenID Connect provider, by provider and role.
-- tags: T1078.004, initial access, federation
SELECT eventname, coalesce(useridentity.identityprovider, element_at(requestparameters, 'principalArn')) AS provider,
       element_at(requestparameters, 'roleArn') AS role, count(*) AS sessions, max(eventtime) AS latest
FROM main
WHERE eventname IN ('AssumeRoleWithSAML', 'AssumeRoleWithWebIdentity') AND errorcode IS NULL
GROUP BY 1, 2, 3
ORDER BY sessions DESC
