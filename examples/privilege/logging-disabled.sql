-- Logging disabled: CloudTrail trails, GuardDuty detectors and AWS Config recorders that were stopped, deleted or changed; failed attempts have an error code.
-- tags: T1562.008, T1562.001, defense evasion, logging disabled
SELECT eventtime, useridentity.arn AS who, eventsource, eventname, element_at(requestparameters, 'name') AS name, errorcode
FROM main
WHERE eventsource = 'cloudtrail.amazonaws.com' AND eventname IN ('StopLogging', 'DeleteTrail', 'UpdateTrail', 'PutEventSelectors')
   OR eventsource = 'guardduty.amazonaws.com' AND eventname IN ('DeleteDetector', 'UpdateDetector', 'DisassociateFromAdministratorAccount')
   OR eventsource = 'config.amazonaws.com' AND eventname IN ('StopConfigurationRecorder', 'DeleteConfigurationRecorder')
ORDER BY eventtime DESC
