/**
 * The estate as AWS's API describes it: roles, identifiers, records, configuration and capacity. Without ids of what may be
 * replaced, so that before and after can be compared.
 */
import { AutoScalingClient, DescribeAutoScalingGroupsCommand } from '@aws-sdk/client-auto-scaling';
import { CloudWatchClient, DescribeAlarmsCommand } from '@aws-sdk/client-cloudwatch';
import {
  DescribeInstancesCommand,
  DescribeNetworkAclsCommand,
  DescribeSecurityGroupsCommand,
  EC2Client,
} from '@aws-sdk/client-ec2';
import {
  DescribeListenersCommand,
  DescribeLoadBalancersCommand,
  DescribeTargetGroupsCommand,
  DescribeTargetHealthCommand,
  ElasticLoadBalancingV2Client,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import {
  DescribeDBInstancesCommand,
  DescribeDBParameterGroupsCommand,
  DescribeDBParametersCommand,
  RDSClient,
} from '@aws-sdk/client-rds';
import { ListHostedZonesCommand, ListResourceRecordSetsCommand, Route53Client } from '@aws-sdk/client-route-53';
import type { LabUp } from './lab.ts';

const regions = ['eu-central-1', 'eu-west-1'];

/** What people delete when they like: databases that were set aside. */
const setAside = (name: string | undefined): boolean => name?.includes('-kept-') === true;

const sorted = <T>(items: readonly T[]): T[] =>
  items.toSorted((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1));

interface Clients {
  ec2: EC2Client;
  rds: RDSClient;
  autoScaling: AutoScalingClient;
  balancing: ElasticLoadBalancingV2Client;
  cloudWatch: CloudWatchClient;
}

/** What may be compared with itself, before and after. */
export class Estate {
  readonly #regions: readonly (Clients & { region: string })[];
  readonly #route53: Route53Client;

  constructor({ env }: LabUp) {
    const credentials = {
      accessKeyId: env['AWS_ACCESS_KEY_ID']!,
      secretAccessKey: env['AWS_SECRET_ACCESS_KEY']!,
    };
    const place = (region: string) => ({ region, endpoint: env['AWS_ENDPOINT_URL']!, credentials });
    this.#route53 = new Route53Client(place('us-east-1'));
    this.#regions = regions.map((region) => ({
      region,
      ec2: new EC2Client(place(region)),
      rds: new RDSClient(place(region)),
      autoScaling: new AutoScalingClient(place(region)),
      balancing: new ElasticLoadBalancingV2Client(place(region)),
      cloudWatch: new CloudWatchClient(place(region)),
    }));
  }

  /** @param extra ids of what a run left on purpose and has said so, which is left out */
  async describe(extra: readonly string[] = []): Promise<unknown> {
    const inRegions = this.#regions.map(async ({ region, ec2, rds, autoScaling, balancing, cloudWatch }) => ({
      region,
      network: await networkOf(ec2, extra),
      databases: await databasesOf(rds, extra),
      capacity: await capacityOf(autoScaling, ec2),
      balancing: await balancingOf(balancing),
      alarms: await alarmsOf(cloudWatch),
    }));
    return { regions: await Promise.all(inRegions), records: await recordsOf(this.#route53) };
  }
}

async function networkOf(ec2: EC2Client, extra: readonly string[]) {
  const [{ NetworkAcls = [] }, { SecurityGroups = [] }] = await Promise.all([
    ec2.send(new DescribeNetworkAclsCommand({})),
    ec2.send(new DescribeSecurityGroupsCommand({})),
  ]);
  return {
    acls: sorted(
      NetworkAcls.map(({ NetworkAclId, Entries = [], Associations = [] }) => ({
        NetworkAclId,
        entries: sorted(Entries),
        subnets: Associations.map(({ SubnetId }) => SubnetId).sort(),
      })),
    ),
    securityGroups: sorted(
      SecurityGroups.filter(({ GroupId = '' }) => !extra.includes(GroupId)).map(
        ({ GroupId, GroupName, IpPermissions = [], IpPermissionsEgress = [], Tags = [] }) => ({
          GroupId,
          GroupName,
          in: sorted(IpPermissions),
          out: sorted(IpPermissionsEgress),
          tags: sorted(Tags),
        }),
      ),
    ),
  };
}

async function databasesOf(rds: RDSClient, extra: readonly string[]) {
  const [{ DBInstances = [] }, { DBParameterGroups = [] }] = await Promise.all([
    rds.send(new DescribeDBInstancesCommand({})),
    rds.send(new DescribeDBParameterGroupsCommand({})),
  ]);
  const groups = DBParameterGroups.map(({ DBParameterGroupName }) => DBParameterGroupName).filter(
    (name): name is string => name !== undefined && !extra.includes(name),
  );
  return {
    instances: sorted(
      DBInstances.filter(({ DBInstanceIdentifier }) => !setAside(DBInstanceIdentifier)).map((db) => ({
        identifier: db.DBInstanceIdentifier,
        status: db.DBInstanceStatus,
        endpoint: db.Endpoint?.Address,
        class: db.DBInstanceClass,
        engine: [db.Engine, db.EngineVersion],
        storage: [db.AllocatedStorage, db.StorageType, db.StorageEncrypted],
        multiAz: db.MultiAZ,
        backups: db.BackupRetentionPeriod,
        protected: db.DeletionProtection,
        source: db.ReadReplicaSourceDBInstanceIdentifier,
        replicas: db.ReadReplicaDBInstanceIdentifiers?.filter((replica) => !setAside(replica)).sort(),
        parameterGroups: db.DBParameterGroups,
        securityGroups: db.VpcSecurityGroups,
        subnetGroup: db.DBSubnetGroup?.DBSubnetGroupName,
        pending: db.PendingModifiedValues,
        tags: sorted(db.TagList ?? []),
      })),
    ),
    parameterGroups: await Promise.all(
      groups.sort().map(async (DBParameterGroupName) => {
        const { Parameters = [] } = await rds.send(
          new DescribeDBParametersCommand({ DBParameterGroupName, Source: 'user' }),
        );
        return { DBParameterGroupName, set: Parameters.map((one) => [one.ParameterName, one.ParameterValue]) };
      }),
    ),
  };
}

async function capacityOf(autoScaling: AutoScalingClient, ec2: EC2Client) {
  const [{ AutoScalingGroups = [] }, { Reservations = [] }] = await Promise.all([
    autoScaling.send(new DescribeAutoScalingGroupsCommand({})),
    ec2.send(
      new DescribeInstancesCommand({ Filters: [{ Name: 'instance-state-name', Values: ['running', 'pending'] }] }),
    ),
  ]);
  return {
    groups: AutoScalingGroups.map((group) => ({
      name: group.AutoScalingGroupName,
      size: [group.MinSize, group.DesiredCapacity, group.MaxSize],
      subnets: group.VPCZoneIdentifier,
      targets: group.TargetGroupARNs,
      check: group.HealthCheckType,
      suspended: group.SuspendedProcesses,
      template: group.LaunchTemplate?.LaunchTemplateName,
      inService: group.Instances?.map(({ AvailabilityZone, LifecycleState }) => [
        AvailabilityZone,
        LifecycleState,
      ]).sort(),
    })),
    running: Reservations.flatMap(({ Instances = [] }) => Instances)
      .map(({ Placement, State }) => `${Placement?.AvailabilityZone} ${State?.Name}`)
      .sort(),
  };
}

async function balancingOf(elb: ElasticLoadBalancingV2Client) {
  const { LoadBalancers = [] } = await elb.send(new DescribeLoadBalancersCommand({}));
  const { TargetGroups = [] } = await elb.send(new DescribeTargetGroupsCommand({}));
  return {
    balancers: await Promise.all(
      LoadBalancers.map(async ({ LoadBalancerArn, LoadBalancerName, DNSName, State, SecurityGroups }) => {
        const { Listeners = [] } = await elb.send(new DescribeListenersCommand({ LoadBalancerArn }));
        const listeners = Listeners.map(({ Port, DefaultActions }) => ({ Port, DefaultActions }));
        return { LoadBalancerName, DNSName, State, SecurityGroups, listeners };
      }),
    ),
    targets: await Promise.all(
      TargetGroups.map(async ({ TargetGroupArn, TargetGroupName }) => {
        const { TargetHealthDescriptions = [] } = await elb.send(new DescribeTargetHealthCommand({ TargetGroupArn }));
        return {
          TargetGroupName,
          health: TargetHealthDescriptions.map(({ TargetHealth }) => TargetHealth?.State).sort(),
        };
      }),
    ),
  };
}

async function alarmsOf(cloudWatch: CloudWatchClient) {
  const { MetricAlarms = [] } = await cloudWatch.send(new DescribeAlarmsCommand({}));
  return MetricAlarms.map(({ AlarmName, StateValue, MetricName, Dimensions, Threshold }) => ({
    AlarmName,
    StateValue,
    MetricName,
    Dimensions,
    Threshold,
  }));
}

async function recordsOf(route53: Route53Client) {
  const { HostedZones = [] } = await route53.send(new ListHostedZonesCommand({}));
  const zones = HostedZones.map(async ({ Id }) => {
    const { ResourceRecordSets } = await route53.send(new ListResourceRecordSetsCommand({ HostedZoneId: Id }));
    return { Id, ResourceRecordSets };
  });
  return Promise.all(zones);
}
