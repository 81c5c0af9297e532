-- Second factors that were taken away.
SELECT eventtime, useridentity.arn AS by_whom, eventname, element_at(requestparameters, 'userName') AS of_whom, sourceipaddress
FROM main
WHERE eventname IN ('DeactivateMFADevice', 'DeleteVirtualMFADevice')
ORDER BY eventtime DESC
