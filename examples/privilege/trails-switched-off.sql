-- Whatever makes an auditor blind: trails stopped, deleted or narrowed, detectors removed.
SELECT eventtime, useridentity.arn AS who, eventsource, eventname, element_at(requestparameters, 'name') AS name, errorcode
FROM main
WHERE eventsource = 'cloudtrail.amazonaws.com' AND eventname IN ('StopLogging', 'DeleteTrail', 'UpdateTrail', 'PutEventSelectors')
   OR eventsource = 'guardduty.amazonaws.com' AND eventname IN ('DeleteDetector', 'UpdateDetector', 'DisassociateFromAdministratorAccount')
   OR eventsource = 'config.amazonaws.com' AND eventname IN ('StopConfigurationRecorder', 'DeleteConfigurationRecorder')
ORDER BY eventtime DESC
