-- What was bought for long: reservations, savings plans, domains.
SELECT eventtime, useridentity.arn AS by_whom, eventname, eventsource, coalesce(element_at(requestparameters, 'domainName'), element_at(requestparameters, 'savingsPlanOfferingId'), element_at(requestparameters, 'reservedInstancesOfferingId')) AS what
FROM main
WHERE eventname IN ('PurchaseReservedInstancesOffering', 'PurchaseReservedDBInstancesOffering', 'CreateSavingsPlan', 'RegisterDomain', 'PurchaseReservedNodeOffering')
ORDER BY eventtime DESC
