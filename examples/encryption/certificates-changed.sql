-- Certificates that were asked for, brought along and deleted.
SELECT eventtime, useridentity.arn AS by_whom, eventname, coalesce(element_at(requestparameters, 'domainName'), element_at(requestparameters, 'certificateArn')) AS certificate
FROM main
WHERE eventsource = 'acm.amazonaws.com' AND eventname IN ('RequestCertificate', 'ImportCertificate', 'DeleteCertificate', 'ExportCertificate')
ORDER BY eventtime DESC
