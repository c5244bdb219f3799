import {
  CreateDBParameterGroupCommand,
  DeleteDBParameterGroupCommand,
  DescribeDBParameterGroupsCommand,
  DescribeDBParametersCommand,
  ModifyDBInstanceCommand,
  ModifyDBParameterGroupCommand,
  RebootDBInstanceCommand,
  ResetDBParameterGroupCommand,
  type Parameter,
} from '@aws-sdk/client-rds';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openRdsLab, type RdsLab } from './rds-lab.ts';

let part: RdsLab;
beforeEach(async () => {
  part = await openRdsLab();
});
afterEach(() => part.close());

const readOnly: Parameter = {
  ParameterName: 'default_transaction_read_only',
  ParameterValue: '1',
  ApplyMethod: 'immediate',
};
const modify = (DBParameterGroupName: string, ...Parameters: Parameter[]) =>
  part.home.send(new ModifyDBParameterGroupCommand({ DBParameterGroupName, Parameters }));
const create = (DBParameterGroupName: string) =>
  part.home.send(
    new CreateDBParameterGroupCommand({
      DBParameterGroupName,
      DBParameterGroupFamily: 'postgres18',
      Description: 'own',
    }),
  );
const applyStatus = async () => (await part.show(part.home)).DBParameterGroups?.[0]?.ParameterApplyStatus;

describe('a dynamic parameter', () => {
  it('reaches running instances of the group without a reboot, and only those', async () => {
    const { lab } = part;
    await modify('orders-db', readOnly);
    expect(await applyStatus()).toBe('applying');
    expect(lab.machines.writable(lab.primary.resourceId)).toBe(true);
    await lab.pass(500);
    expect(await applyStatus()).toBe('in-sync');
    expect(lab.machines.state.databases[lab.primary.resourceId]).toMatchObject({
      settings: { default_transaction_read_only: 'on' },
      restarts: 0,
    });
    expect(lab.machines.state.databases[lab.replica.resourceId]?.settings).toEqual({});
    await modify('orders-db', { ...readOnly, ParameterValue: '0' });
    await lab.pass(500);
    expect(lab.machines.writable(lab.primary.resourceId)).toBe(true);
  });

  it('goes back to the default of the server when it is reset', async () => {
    const { lab, home } = part;
    const reset = (more: object) =>
      home.send(new ResetDBParameterGroupCommand({ DBParameterGroupName: 'orders-db', ...more }));
    await modify('orders-db', readOnly, {
      ParameterName: 'work_mem',
      ParameterValue: '8192',
      ApplyMethod: 'immediate',
    });
    await lab.pass(500);
    const { ParameterValue: _value, ...named } = readOnly;
    await reset({ Parameters: [named] });
    await lab.pass(500);
    expect(lab.machines.state.databases[lab.primary.resourceId]?.settings).toEqual({ work_mem: '8192' });
    await reset({ ResetAllParameters: true });
    expect(await applyStatus()).toBe('pending-reboot');
    await home.send(new RebootDBInstanceCommand({ DBInstanceIdentifier: 'orders-db' }));
    await lab.pass(1_000);
    expect(lab.machines.state.databases[lab.primary.resourceId]?.settings).toEqual({});
    await expect(reset({})).rejects.toMatchObject({ name: 'InvalidParameterCombination' });
  });

  it('waits for a reboot when it is asked to', async () => {
    const { lab, home } = part;
    await modify('orders-db', { ...readOnly, ApplyMethod: 'pending-reboot' });
    await lab.pass(1_000);
    expect(await applyStatus()).toBe('pending-reboot');
    expect(lab.machines.writable(lab.primary.resourceId)).toBe(true);
    await home.send(new RebootDBInstanceCommand({ DBInstanceIdentifier: 'orders-db' }));
    await lab.pass(1_000);
    expect(await applyStatus()).toBe('in-sync');
    expect(lab.machines.writable(lab.primary.resourceId)).toBe(false);
  });
});

describe('another parameter group', () => {
  it('is in force after a reboot; what is changed in it meanwhile is in force at once', async () => {
    const { lab, home } = part;
    const settings = () => lab.machines.state.databases[lab.primary.resourceId]?.settings;
    await create('own');
    await modify('own', { ParameterName: 'work_mem', ParameterValue: '8192', ApplyMethod: 'immediate' });
    await home.send(new ModifyDBInstanceCommand({ DBInstanceIdentifier: 'orders-db', DBParameterGroupName: 'own' }));
    expect(await applyStatus()).toBe('pending-reboot');
    await modify('own', readOnly);
    await lab.pass(1_000);
    expect(settings()).toEqual({ default_transaction_read_only: 'on' });
    await home.send(new RebootDBInstanceCommand({ DBInstanceIdentifier: 'orders-db' }));
    await lab.pass(1_000);
    expect(settings()).toEqual({ default_transaction_read_only: 'on', work_mem: '8192' });
  });

  it('is created once, listed, and deleted when nobody uses it', async () => {
    const { home } = part;
    await create('own');
    await expect(create('own')).rejects.toMatchObject({ name: 'DBParameterGroupAlreadyExistsFault' });
    const { DBParameterGroups } = await home.send(new DescribeDBParameterGroupsCommand({}));
    expect(DBParameterGroups?.map((group) => group.DBParameterGroupName)).toEqual([
      'default.postgres18',
      'orders-db',
      'orders-restore',
      'own',
    ]);
    const drop = (DBParameterGroupName: string) =>
      home.send(new DeleteDBParameterGroupCommand({ DBParameterGroupName }));
    await drop('own');
    await expect(drop('own')).rejects.toMatchObject({ name: 'DBParameterGroupNotFoundFault' });
    await expect(drop('orders-db')).rejects.toMatchObject({ name: 'InvalidDBParameterGroupStateFault' });
    await expect(drop('default.postgres18')).rejects.toMatchObject({ name: 'InvalidDBParameterGroupStateFault' });
  });
});

describe('what parameter groups refuse', () => {
  it('unknown names, values out of range, immediate changes of static parameters, changes of the default', async () => {
    await expect(modify('orders-db', { ...readOnly, ParameterName: 'fsync' })).rejects.toThrow(
      'Could not find parameter',
    );
    await expect(modify('orders-db', { ...readOnly, ParameterValue: 'yes' })).rejects.toThrow(
      'Invalid parameter value: yes for: default_transaction_read_only allowed values are: 0,1',
    );
    await expect(
      modify('orders-db', { ParameterName: 'max_connections', ParameterValue: '50', ApplyMethod: 'immediate' }),
    ).rejects.toMatchObject({ name: 'InvalidParameterCombination' });
    await expect(modify('default.postgres18', readOnly)).rejects.toMatchObject({
      name: 'InvalidDBParameterGroupStateFault',
    });
  });

  it('changes nothing when one of several parameters is refused', async () => {
    await expect(modify('orders-db', readOnly, { ...readOnly, ParameterName: 'fsync' })).rejects.toThrow();
    const { Parameters } = await part.home.send(
      new DescribeDBParametersCommand({ DBParameterGroupName: 'orders-db', Source: 'user' }),
    );
    expect(Parameters).toEqual([]);
  });

  it('shows what was changed as the user’s', async () => {
    await modify('orders-db', readOnly);
    const { Parameters } = await part.home.send(
      new DescribeDBParametersCommand({ DBParameterGroupName: 'orders-db', Source: 'user' }),
    );
    expect(Parameters).toMatchObject([{ ...readOnly, ApplyMethod: expect.any(String), ApplyType: 'dynamic' }]);
  });
});
