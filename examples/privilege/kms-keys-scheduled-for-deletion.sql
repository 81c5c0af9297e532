-- KMS keys scheduled for deletion: KMS keys that were scheduled for deletion or disabled, with the date until which the deletion can be canceled.
-- tags: T1485, data destruction, kms
SELECT eventtime, useridentity.arn AS who, eventname, element_at(requestparameters, 'keyId') AS key,
       eventtime + TRY_CAST(element_at(requestparameters, 'pendingWindowInDays') AS integer) * INTERVAL '1' DAY AS gone_at
FROM main
WHERE eventsource = 'kms.amazonaws.com' AND eventname IN ('ScheduleKeyDeletion', 'DisableKey')
ORDER BY eventtime DESC
