-- MFA devices removed: MFA devices that were deactivated or deleted, by whom and for which user.
-- tags: T1556.006, persistence, mfa bypass
SELECT eventtime, useridentity.arn AS by_whom, eventname, element_at(requestparameters, 'userName') AS of_whom, sourceipaddress
FROM main
WHERE eventname IN ('DeactivateMFADevice', 'DeleteVirtualMFADevice')
ORDER BY eventtime DESC
