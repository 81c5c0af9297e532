package gen

const (
	assumeRequest  = `{"roleArn":"<assumed>","roleSessionName":"<issuedname>","durationSeconds":3600}`
	assumeResponse = `{"credentials":{"accessKeyId":"<issuedkey>","sessionToken":"IQoJb3JpZ2luX2Vj<base64 520>==","expiration":"<expiry>"},"assumedRoleUser":{"assumedRoleId":"<assumedid>:<issuedname>","arn":"<issuedarn>"}}`
	assumeResource = `[{"accountId":"<account>","type":"AWS::IAM::Role","ARN":"<assumed>"}]`
	loginExtra     = `{"LoginTo":"https://console.aws.amazon.com/console/home?hashArgs=%23&isauthcode=true&state=hashArgsFromTB_<region>_<hex 16>","MobileVersion":"No","MFAUsed":"<mfa>"}`
)

var (
	noSuchEntity = failure{code: "NoSuchEntityException", message: parse(`The user with name <user> cannot be found.`)}
	wrongLogin   = failure{message: parse(`Failed authentication`), response: parse(`{"ConsoleLogin":"Failure"}`)}
)

// identityActions are sign-ins, sessions and changes to permissions.
var identityActions = []action{
	{weight: 260, service: "sts", name: "AssumeRole", traits: reads, by: anyone,
		request: parse(assumeRequest), response: parse(assumeResponse), resources: parse(assumeResource)},
	// Weight 0: happens only when a program outside needs a session.
	{service: "sts", name: "AssumeRoleWithWebIdentity", traits: reads,
		request:   parse(assumeRequest),
		response:  parse(`{"credentials":{"accessKeyId":"<issuedkey>","sessionToken":"IQoJb3JpZ2luX2Vj<base64 520>==","expiration":"<expiry>"},"subjectFromWebIdentityToken":"<caller>","assumedRoleUser":{"assumedRoleId":"<assumedid>:<issuedname>","arn":"<issuedarn>"},"provider":"arn:aws:iam::<account>:oidc-provider/ci.example.com","audience":"sts.amazonaws.com"}`),
		resources: parse(assumeResource)},
	{weight: 150, service: "sts", name: "GetCallerIdentity", traits: reads, by: anyone},
	{weight: 70, service: "signin", name: "ConsoleLogin", by: people,
		response: parse(`{"ConsoleLogin":"Success"}`), extra: parse(loginExtra),
		failures: []failure{wrongLogin}, failurePermille: 160},
	{weight: 9, service: "signin", name: "SwitchRole", by: people,
		response: parse(`{"SwitchRole":"Success"}`),
		extra:    parse(`{"SwitchFrom":"<caller>","RedirectTo":"https://console.aws.amazon.com/console/home?region=<region>"}`)},

	{weight: 130, service: "iam", name: "GetRole", traits: reads | global, by: anyone, request: parse(`{"roleName":"<role>"}`)},
	{weight: 80, service: "iam", name: "ListAttachedRolePolicies", traits: reads | global, by: anyone, request: parse(`{"roleName":"<role>"}`)},
	{weight: 70, service: "iam", name: "GetUser", traits: reads | global, by: people, request: parse(`{"userName":"<user>"}`),
		failures: []failure{noSuchEntity}, failurePermille: 80},
	{weight: 50, service: "iam", name: "ListUsers", traits: reads | global, by: people},
	{weight: 40, service: "iam", name: "ListRoles", traits: reads | global, by: people, request: parse(`{"maxItems":1000}`)},
	{weight: 12, service: "iam", name: "GetAccountAuthorizationDetails", traits: reads | global, by: people, request: parse(`{"filter":["User","Role","Group"]}`)},
	{weight: 10, service: "iam", name: "CreateUser", traits: global, by: people,
		request:  parse(`{"userName":"<user>","tags":[{"key":"team","value":"<function>"}]}`),
		response: parse(`{"user":{"path":"/","userName":"<user>","userId":"AIDA<upper 17>","arn":"arn:aws:iam::<account>:user/<user>","createDate":"<wordytime>"}}`),
		failures: []failure{{code: "EntityAlreadyExistsException", message: parse(`User with name <user> already exists.`)}}, failurePermille: 120},
	{weight: 6, service: "iam", name: "DeleteUser", traits: global, by: people, request: parse(`{"userName":"<user>"}`)},
	{weight: 12, service: "iam", name: "CreateAccessKey", traits: global, by: people,
		request:  parse(`{"userName":"<user>"}`),
		response: parse(`{"accessKey":{"userName":"<user>","accessKeyId":"AKIA<upper 16>","status":"Active","createDate":"<wordytime>"}}`)},
	{weight: 8, service: "iam", name: "DeleteAccessKey", traits: global, by: people, request: parse(`{"userName":"<user>","accessKeyId":"AKIA<upper 16>"}`)},
	{weight: 9, service: "iam", name: "AttachUserPolicy", traits: global, by: people, request: parse(`{"userName":"<user>","policyArn":"arn:aws:iam::aws:policy/<policy>"}`)},
	{weight: 14, service: "iam", name: "AttachRolePolicy", traits: global, by: people, request: parse(`{"roleName":"<role>","policyArn":"arn:aws:iam::aws:policy/<policy>"}`)},
	{weight: 9, service: "iam", name: "PutRolePolicy", traits: global, by: people,
		request: parse(`{"roleName":"<role>","policyName":"inline-<int 40>","policyDocument":"{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Action\":[\"s3:GetObject\",\"s3:PutObject\"],\"Resource\":\"arn:aws:s3:::<bucket>/*\"}]}"}`)},
	{weight: 9, service: "iam", name: "CreateRole", traits: global, by: people,
		request:  parse(`{"path":"/","roleName":"<role>","description":"","maxSessionDuration":3600,"assumeRolePolicyDocument":"{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Principal\":{\"Service\":\"lambda.amazonaws.com\"},\"Action\":\"sts:AssumeRole\"}]}"}`),
		response: parse(`{"role":{"path":"/","roleName":"<role>","roleId":"AROA<upper 17>","arn":"arn:aws:iam::<account>:role/<role>","createDate":"<wordytime>","assumeRolePolicyDocument":"%7B%22Version%22%3A%222012-10-17%22%2C%22Statement%22%3A%5B%7B%22Effect%22%3A%22Allow%22%2C%22Principal%22%3A%7B%22Service%22%3A%22lambda.amazonaws.com%22%7D%2C%22Action%22%3A%22sts%3AAssumeRole%22%7D%5D%7D"}}`)},
	{weight: 5, service: "iam", name: "DeleteRole", traits: global, by: people, request: parse(`{"roleName":"<role>"}`),
		failures: []failure{{code: "DeleteConflictException", message: parse(`Cannot delete entity, must detach all policies first.`)}}, failurePermille: 250},
	{weight: 4, service: "iam", name: "UpdateLoginProfile", traits: global, by: people, request: parse(`{"userName":"<user>"}`)},
	{weight: 2, service: "iam", name: "DeactivateMFADevice", traits: global, by: people,
		request: parse(`{"userName":"<user>","serialNumber":"arn:aws:iam::<account>:mfa/<user>"}`)},
}
