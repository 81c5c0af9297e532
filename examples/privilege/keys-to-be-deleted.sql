-- Encryption keys that will be gone, and with them what they encrypted; days are left to cancel.
SELECT eventtime, useridentity.arn AS who, eventname, element_at(requestparameters, 'keyId') AS key,
       eventtime + TRY_CAST(element_at(requestparameters, 'pendingWindowInDays') AS integer) * INTERVAL '1' DAY AS gone_at
FROM main
WHERE eventsource = 'kms.amazonaws.com' AND eventname IN ('ScheduleKeyDeletion', 'DisableKey')
ORDER BY eventtime DESC
