-- Certificate changes: ACM certificates that were requested, imported, exported or deleted.
-- tags: T1552.004, certificates, private keys
SELECT eventtime, useridentity.arn AS by_whom, eventname, coalesce(element_at(requestparameters, 'domainName'), element_at(requestparameters, 'certificateArn')) AS certificate
FROM main
WHERE eventsource = 'acm.amazonaws.com' AND eventname IN ('RequestCertificate', 'ImportCertificate', 'DeleteCertificate', 'ExportCertificate')
ORDER BY eventtime DESC
