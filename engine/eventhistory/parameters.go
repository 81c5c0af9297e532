package eventhistory

import (
	"slices"
	"strings"
)

// element says that a request parameter or a response element of a service names a resource of a type.
type element struct {
	eventSource  string
	eventName    string // the event that has it, if only one; "": any
	inResponse   bool
	member       string   // of requestParameters or responseElements
	path         []string // within the member
	resourceType string   // "": the name itself says
}

// parameterTable is our own: the service's is not published. Each line is a service, one of its request parameters
// with the members on the way to the name, and the type of the named resource. A slash and an event follow the
// service if the member has another meaning in other events.
const parameterTable = `
acm certificateArn AWS::CertificateManager::Certificate
apigateway restApiId AWS::ApiGateway::RestApi
athena workGroup AWS::Athena::WorkGroup
athena/CreateWorkGroup name AWS::Athena::WorkGroup
autoscaling autoScalingGroupName AWS::AutoScaling::AutoScalingGroup
autoscaling launchConfigurationName AWS::AutoScaling::LaunchConfiguration
backup backupPlanId AWS::Backup::BackupPlan
backup backupVaultName AWS::Backup::BackupVault
cloudformation changeSetName AWS::CloudFormation::ChangeSet
cloudformation stackName AWS::CloudFormation::Stack
cloudformation stackSetName AWS::CloudFormation::StackSet
cloudtrail channel AWS::CloudTrail::Channel
cloudtrail eventDataStore AWS::CloudTrail::EventDataStore
cloudtrail trailName AWS::CloudTrail::Trail
cloudtrail/CreateChannel name AWS::CloudTrail::Channel
cloudtrail/CreateEventDataStore name AWS::CloudTrail::EventDataStore
cloudtrail/CreateTrail name AWS::CloudTrail::Trail
cloudtrail/DeleteTrail name AWS::CloudTrail::Trail
cloudtrail/GetTrail name AWS::CloudTrail::Trail
cloudtrail/GetTrailStatus name AWS::CloudTrail::Trail
cloudtrail/StartLogging name AWS::CloudTrail::Trail
cloudtrail/StopLogging name AWS::CloudTrail::Trail
cloudtrail/UpdateChannel name AWS::CloudTrail::Channel
cloudtrail/UpdateEventDataStore name AWS::CloudTrail::EventDataStore
cloudtrail/UpdateTrail name AWS::CloudTrail::Trail
codebuild projectName AWS::CodeBuild::Project
codebuild/CreateProject name AWS::CodeBuild::Project
codebuild/DeleteProject name AWS::CodeBuild::Project
codebuild/UpdateProject name AWS::CodeBuild::Project
codecommit repositoryName AWS::CodeCommit::Repository
codedeploy applicationName AWS::CodeDeploy::Application
codedeploy deploymentGroupName AWS::CodeDeploy::DeploymentGroup
codepipeline pipeline.name AWS::CodePipeline::Pipeline
codepipeline pipelineName AWS::CodePipeline::Pipeline
codepipeline/DeletePipeline name AWS::CodePipeline::Pipeline
codepipeline/StartPipelineExecution name AWS::CodePipeline::Pipeline
cognito-idp userPoolId AWS::Cognito::UserPool
config configRule.configRuleName AWS::Config::ConfigRule
config configRuleName AWS::Config::ConfigRule
config configurationRecorderName AWS::Config::ConfigurationRecorder
dynamodb tableName AWS::DynamoDB::Table
ec2 CreateLaunchTemplateRequest.LaunchTemplateName AWS::EC2::LaunchTemplate
ec2 CreateNatGatewayRequest.AllocationId AWS::EC2::EIP
ec2 CreateNatGatewayRequest.SubnetId AWS::EC2::Subnet
ec2 DelTGwVpcAttachReq.TransitGatewayAttachmentId AWS::EC2::TransitGatewayAttachment
ec2 DeleteFlowLogsRequest.FlowLogId.content AWS::EC2::FlowLog
ec2 DeleteLaunchTemplateRequest.LaunchTemplateId AWS::EC2::LaunchTemplate
ec2 DeleteNatGatewayRequest.NatGatewayId AWS::EC2::NatGateway
ec2 allocationId AWS::EC2::EIP
ec2 customerGatewayId AWS::EC2::CustomerGateway
ec2 dhcpOptionsId AWS::EC2::DHCPOptions
ec2 groupId AWS::EC2::SecurityGroup
ec2 groupSet.items.groupId AWS::EC2::SecurityGroup
ec2 imageId AWS::EC2::Ami
ec2 imagesSet.items.imageId AWS::EC2::Ami
ec2 instanceId AWS::EC2::Instance
ec2 instancesSet.items.imageId AWS::EC2::Ami
ec2 instancesSet.items.instanceId AWS::EC2::Instance
ec2 instancesSet.items.keyName AWS::EC2::KeyPair
ec2 internetGatewayId AWS::EC2::InternetGateway
ec2 keyName AWS::EC2::KeyPair
ec2 networkAclId AWS::EC2::NetworkAcl
ec2 networkInterfaceId AWS::EC2::NetworkInterface
ec2 publicIp AWS::EC2::EIP
ec2 routeTableId AWS::EC2::RouteTable
ec2 snapshotId AWS::EC2::Snapshot
ec2 subnetId AWS::EC2::Subnet
ec2 volumeId AWS::EC2::Volume
ec2 vpcId AWS::EC2::VPC
ec2 vpcPeeringConnectionId AWS::EC2::VPCPeeringConnection
ec2 vpnConnectionId AWS::EC2::VPNConnection
ec2 vpnGatewayId AWS::EC2::VPNGateway
ec2/AuthorizeSecurityGroupIngress groupName AWS::EC2::SecurityGroup
ec2/CreatePlacementGroup groupName AWS::EC2::PlacementGroup
ec2/CreateSecurityGroup groupName AWS::EC2::SecurityGroup
ec2/DeletePlacementGroup groupName AWS::EC2::PlacementGroup
ec2/DeleteSecurityGroup groupName AWS::EC2::SecurityGroup
ec2/RevokeSecurityGroupIngress groupName AWS::EC2::SecurityGroup
ecr repositoryName AWS::ECR::Repository
ecs cluster AWS::ECS::Cluster
ecs clusterName AWS::ECS::Cluster
ecs service AWS::ECS::Service
ecs serviceName AWS::ECS::Service
ecs taskDefinition AWS::ECS::TaskDefinition
eks clusterName AWS::EKS::Cluster
eks name AWS::EKS::Cluster
eks nodegroupName AWS::EKS::Nodegroup
elasticache cacheClusterId AWS::ElastiCache::CacheCluster
elasticache replicationGroupId AWS::ElastiCache::ReplicationGroup
elasticbeanstalk applicationName AWS::ElasticBeanstalk::Application
elasticbeanstalk environmentName AWS::ElasticBeanstalk::Environment
elasticfilesystem fileSystemId AWS::EFS::FileSystem
elasticloadbalancing listenerArn AWS::ElasticLoadBalancingV2::Listener
elasticloadbalancing loadBalancerArn AWS::ElasticLoadBalancingV2::LoadBalancer
elasticloadbalancing loadBalancerName AWS::ElasticLoadBalancing::LoadBalancer
elasticloadbalancing targetGroupArn AWS::ElasticLoadBalancingV2::TargetGroup
elasticloadbalancing/CreateLoadBalancer name AWS::ElasticLoadBalancingV2::LoadBalancer
elasticloadbalancing/CreateTargetGroup name AWS::ElasticLoadBalancingV2::TargetGroup
elasticmapreduce jobFlowId AWS::EMR::Cluster
elasticmapreduce/RunJobFlow name AWS::EMR::Cluster
es domainName AWS::Elasticsearch::Domain
events eventBusName AWS::Events::EventBus
events rule AWS::Events::Rule
events/CreateEventBus name AWS::Events::EventBus
events/DeleteEventBus name AWS::Events::EventBus
events/DeleteRule name AWS::Events::Rule
events/DescribeRule name AWS::Events::Rule
events/DisableRule name AWS::Events::Rule
events/EnableRule name AWS::Events::Rule
events/PutRule name AWS::Events::Rule
firehose deliveryStreamName AWS::KinesisFirehose::DeliveryStream
glue databaseInput.name AWS::Glue::Database
glue databaseName AWS::Glue::Database
glue jobName AWS::Glue::Job
glue/CreateJob name AWS::Glue::Job
glue/DeleteDatabase name AWS::Glue::Database
glue/GetDatabase name AWS::Glue::Database
glue/UpdateDatabase name AWS::Glue::Database
guardduty detectorId AWS::GuardDuty::Detector
iam accessKeyId AWS::IAM::AccessKey
iam groupName AWS::IAM::Group
iam instanceProfileName AWS::IAM::InstanceProfile
iam openIDConnectProviderArn AWS::IAM::OIDCProvider
iam policyArn AWS::IAM::Policy
iam policyName AWS::IAM::Policy
iam roleName AWS::IAM::Role
iam sAMLProviderArn AWS::IAM::SAMLProvider
iam serialNumber AWS::IAM::MFADevice
iam serverCertificateName AWS::IAM::ServerCertificate
iam userName AWS::IAM::User
iam/CreateSAMLProvider name AWS::IAM::SAMLProvider
kafka clusterName AWS::MSK::Cluster
kinesis streamName AWS::Kinesis::Stream
kms aliasName AWS::KMS::Alias
kms keyId AWS::KMS::Key
kms targetKeyId AWS::KMS::Key
lambda functionName AWS::Lambda::Function
lambda layerName AWS::Lambda::LayerVersion
logs logGroupName AWS::Logs::LogGroup
monitoring alarmName AWS::CloudWatch::Alarm
monitoring alarmNames AWS::CloudWatch::Alarm
organizations policyId AWS::Organizations::Policy
organizations/CreatePolicy name AWS::Organizations::Policy
rds dBClusterIdentifier AWS::RDS::DBCluster
rds dBClusterSnapshotIdentifier AWS::RDS::DBClusterSnapshot
rds dBInstanceIdentifier AWS::RDS::DBInstance
rds dBParameterGroupName AWS::RDS::DBParameterGroup
rds dBSecurityGroupName AWS::RDS::DBSecurityGroup
rds dBSnapshotIdentifier AWS::RDS::DBSnapshot
rds dBSubnetGroupName AWS::RDS::DBSubnetGroup
rds sourceDBInstanceIdentifier AWS::RDS::DBInstance
rds targetDBSnapshotIdentifier AWS::RDS::DBSnapshot
redshift clusterIdentifier AWS::Redshift::Cluster
rolesanywhere/CreateProfile name AWS::RolesAnywhere::Profile
rolesanywhere/CreateTrustAnchor name AWS::RolesAnywhere::TrustAnchor
route53 hostedZoneId AWS::Route53::HostedZone
route53/CreateHostedZone name AWS::Route53::HostedZone
route53/DeleteHostedZone id AWS::Route53::HostedZone
route53/GetHostedZone id AWS::Route53::HostedZone
s3 accessPointName AWS::S3::AccessPoint
s3 bucketName AWS::S3::Bucket
sagemaker endpointName AWS::SageMaker::Endpoint
sagemaker notebookInstanceName AWS::SageMaker::NotebookInstance
secretsmanager name AWS::SecretsManager::Secret
secretsmanager secretId AWS::SecretsManager::Secret
sns topicArn AWS::SNS::Topic
sns/CreateTopic name AWS::SNS::Topic
sqs queueName AWS::SQS::Queue
sqs queueUrl AWS::SQS::Queue
ssm documentName AWS::SSM::Document
ssm instanceId AWS::EC2::Instance
ssm instanceIds AWS::EC2::Instance
ssm/CreateDocument name AWS::SSM::Document
ssm/DeleteDocument name AWS::SSM::Document
ssm/DeleteParameter name AWS::SSM::Parameter
ssm/DeleteParameters names AWS::SSM::Parameter
ssm/DescribeDocument name AWS::SSM::Document
ssm/GetDocument name AWS::SSM::Document
ssm/GetParameter name AWS::SSM::Parameter
ssm/GetParameters names AWS::SSM::Parameter
ssm/ModifyDocumentPermission name AWS::SSM::Document
ssm/PutParameter name AWS::SSM::Parameter
ssm/UpdateDocument name AWS::SSM::Document
states stateMachineArn AWS::StepFunctions::StateMachine
states/CreateStateMachine name AWS::StepFunctions::StateMachine
sts roleArn AWS::IAM::Role
wafv2 webACLArn AWS::WAFv2::WebACL
wafv2/CreateWebACL name AWS::WAFv2::WebACL
wafv2/DeleteWebACL name AWS::WAFv2::WebACL
wafv2/GetWebACL name AWS::WAFv2::WebACL
wafv2/UpdateWebACL name AWS::WAFv2::WebACL
`

// elements are the lines of all tables.
var elements = slices.Concat(readElements(parameterTable, false), readElements(taggingTable, false), readElements(responseTable, true))

// elementsOf are the lines of the tables by event source.
var elementsOf = func() map[string][]*element {
	out := map[string][]*element{}
	for _, e := range elements {
		out[e.eventSource] = append(out[e.eventSource], e)
	}
	return out
}()

func readElements(table string, inResponse bool) (out []*element) {
	for line := range strings.Lines(strings.TrimSpace(table)) {
		words := append(strings.Fields(line), "")
		service, event, _ := strings.Cut(words[0], "/")
		path := strings.Split(words[1], ".")
		out = append(out, &element{service + ".amazonaws.com", event, inResponse, path[0], path[1:], words[2]})
	}
	return out
}
