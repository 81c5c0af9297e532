-- Encryption keys that were switched off, and on again.
SELECT eventtime, useridentity.arn AS by_whom, eventname, element_at(requestparameters, 'keyId') AS kms_key
FROM main
WHERE eventsource = 'kms.amazonaws.com' AND eventname IN ('DisableKey', 'EnableKey', 'DisableKeyRotation')
ORDER BY eventtime DESC
