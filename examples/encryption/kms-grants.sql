-- KMS grants: KMS grants that were created, revoked or retired, with the grantee.
-- tags: T1098, persistence, kms grants
SELECT eventtime, useridentity.arn AS by_whom, eventname, element_at(requestparameters, 'keyId') AS kms_key, element_at(requestparameters, 'granteePrincipal') AS grantee
FROM main
WHERE eventsource = 'kms.amazonaws.com' AND eventname IN ('CreateGrant', 'RevokeGrant', 'RetireGrant')
ORDER BY eventtime DESC
