-- KMS keys disabled and enabled: KMS keys that were disabled or enabled, and key rotation that was turned off.
-- tags: T1485, impact, kms
SELECT eventtime, useridentity.arn AS by_whom, eventname, element_at(requestparameters, 'keyId') AS kms_key
FROM main
WHERE eventsource = 'kms.amazonaws.com' AND eventname IN ('DisableKey', 'EnableKey', 'DisableKeyRotation')
ORDER BY eventtime DESC
